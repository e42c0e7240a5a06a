import type { CheckId } from '#contracts/checks';
import type { ProblemCode } from '#problems/problem';
import type { Connected, Patient, PatientWishes } from './patient.js';

/** Something that can be wrong, and what a verification has to call it. */
export interface Fault {
  id: string;
  /** What is wrong, in plain words. */
  wrong: string;
  /** How the simulated Google, or this installation, is put into it. */
  put: string;
  /** What is verified. */
  about: 'config' | Connected;
  /** The check that names it: this one alone. */
  check: CheckId;
  code: ProblemCode;
  result: 'fail' | 'warn';
  /** What is different from the beginning. */
  wishes?: (tenant: string) => PatientWishes;
  /** What is connected before it breaks: what is verified, unless said. */
  connect?: Connected | 'nothing';
  breaks?: (patient: Patient) => Promise<unknown>;
  /** Where this installation is said to be. */
  baseUrl?: string;
}
