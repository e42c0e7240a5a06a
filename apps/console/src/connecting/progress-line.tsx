import { texts } from '../texts/texts.js';
import { Shape, type Tone } from '../controls/status-badge.js';
import type { Stage, StageState } from './progress.js';

const words = texts.progress;
const tones: Record<Exclude<StageState, 'now'>, Tone> = { done: 'good', open: 'idle', stopped: 'bad' };

/** Says aloud whenever one stage more is reached. */
export function ProgressLine({ stages }: { stages: Stage[] }) {
  const now = stages.find(({ state }) => state === 'now' || state === 'stopped');
  return (
    <div className="progress">
      <ol aria-label={words.label}>
        {stages.map(({ name, state }) => (
          <li key={name} className={`stage ${state}`} aria-current={state === 'now' ? 'step' : undefined}>
            {state === 'now' ? (
              <span className="spinner" aria-hidden="true" />
            ) : (
              <Shape tone={tones[state]} />
            )}
            <span>
              {name} <span className="unseen">({words.states[state]})</span>
            </span>
          </li>
        ))}
      </ol>
      <p role="status" className="description">
        {now ? (now.state === 'now' ? words.waiting : '') : words.done}
      </p>
    </div>
  );
}
