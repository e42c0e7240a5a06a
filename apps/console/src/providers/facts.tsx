import type { ReactNode } from 'react';
import { When } from '../controls/when.js';
import { texts } from '../texts/texts.js';

/** Pairs of a name and what is known; nothing known says so. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? texts.facts.never}</dd>
        </div>
      ))}
    </dl>
  );
}

export const moment = (at: string | null): ReactNode => (at === null ? null : <When at={at} />);
