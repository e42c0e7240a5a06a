import type { Status } from '../api/answers.js';
import { texts } from '../texts/texts.js';

export type Tone = 'good' | 'working' | 'idle' | 'bad' | 'note';

const shapes: Record<Tone, string> = {
  good: 'M4 8.5 7 11.5 12.5 5',
  working: 'M8 4v4l2.5 2',
  idle: 'M4.5 8h7',
  bad: 'M8 4v5M8 11.8v.2',
  note: 'M8 7.5V12M8 4.2v.2',
};

/** A word with a shape: never colour alone. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={`badge ${tone}`}>
      <Shape tone={tone} />
      {children}
    </span>
  );
}

export function Shape({ tone }: { tone: Tone }) {
  return (
    <svg className={`shape ${tone}`} viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7" />
      <path d={shapes[tone]} />
    </svg>
  );
}

const tones: Record<Status, Tone> = {
  connected: 'good',
  configuring: 'working',
  disconnected: 'idle',
  error: 'bad',
};

export function StatusBadge({ status, paused }: { status: Status; paused: boolean }) {
  return paused ? (
    <Badge tone="idle">{texts.statuses.paused}</Badge>
  ) : (
    <Badge tone={tones[status]}>{texts.statuses[status]}</Badge>
  );
}
