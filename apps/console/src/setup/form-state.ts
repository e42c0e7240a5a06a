import type { ConfigField, GoogleSetup } from '../api/answers.js';
import type { Fault } from '../controls/fields.js';
import type { Draft } from './draft.js';

/** What every step of the form is given. */
export interface StepProps {
  stored: GoogleSetup;
  draft: Draft;
  faults: Map<ConfigField, Fault>;
  change: (part: Partial<Draft>) => void;
  readOnly: boolean;
  done: boolean;
}
