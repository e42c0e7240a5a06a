import type { ConfigField, GoogleSetup, SetupChange } from '../api/answers.js';
import { isResult, type Verification } from '../doctor/verification.js';

export type CalendarChoice = 'same' | 'own' | 'none';

/** What was entered and is not stored yet. Empty texts and null: left as it is. */
export interface Draft {
  projectId: string;
  clientId: string;
  clientSecret: string;
  calendar: CalendarChoice;
  calendarClientId: string;
  calendarClientSecret: string;
  provisioning: 'key' | 'manual';
  key: { text: string; email: string; file: string } | 'remove' | null;
  pushServiceAccount: string;
}

export const draftOf = (stored: GoogleSetup): Draft => ({
  projectId: stored.projectId ?? '',
  clientId: '',
  clientSecret: '',
  // Whoever begins is proposed the same app for both.
  calendar: hasClient(stored) ? storedChoice(stored) : 'same',
  calendarClientId: '',
  calendarClientSecret: '',
  provisioning: stored.provisioning,
  key: null,
  pushServiceAccount: stored.provisioning === 'manual' ? (stored.serviceAccountEmail ?? '') : '',
});

const hasClient = ({ gmail, calendar }: GoogleSetup): boolean =>
  gmail.maskedClientId !== null || calendar.maskedClientId !== null;

export function storedChoice({ calendar }: GoogleSetup): CalendarChoice {
  if (calendar.usesSameApp) return 'same';
  return calendar.maskedClientId || calendar.clientSecretStored ? 'own' : 'none';
}

/** What has to be sent so that everything entered is stored; null when nothing was. */
export function changeOf(draft: Draft, stored: GoogleSetup): SetupChange | null {
  const before = draftOf(stored);
  const change: SetupChange = {};
  const projectId = draft.projectId.trim();
  if (projectId !== before.projectId && projectId !== '') change.projectId = projectId;
  if (draft.provisioning !== stored.provisioning) change.provisioning = draft.provisioning;
  const gmail = pair(draft.clientId, draft.clientSecret);
  if (gmail) change.gmail = gmail;
  const own = draft.calendar === 'own' ? pair(draft.calendarClientId, draft.calendarClientSecret) : null;
  // The same app can only be shared once there is one.
  const canShare = gmail !== null || stored.gmail.maskedClientId !== null;
  if (own) change.calendar = own;
  else if (draft.calendar !== storedChoice(stored) && (draft.calendar !== 'same' || canShare))
    change.calendar = draft.calendar === 'own' ? {} : draft.calendar;
  if (draft.provisioning === 'key') {
    if (draft.key === 'remove') change.serviceAccountKey = null;
    else if (draft.key) change.serviceAccountKey = draft.key.text;
  } else if (draft.pushServiceAccount.trim() !== before.pushServiceAccount)
    change.pushServiceAccount = draft.pushServiceAccount.trim();
  return Object.keys(change).length > 0 ? change : null;
}

function pair(clientId: string, clientSecret: string): { clientId?: string; clientSecret?: string } | null {
  const given = {
    ...(clientId.trim() ? { clientId: clientId.trim() } : {}),
    ...(clientSecret ? { clientSecret } : {}),
  };
  return Object.keys(given).length > 0 ? given : null;
}

export type Step = 'project' | 'apis' | 'audience' | 'client' | 'account';

const stepOf: Record<ConfigField, Step> = {
  projectId: 'project',
  'gmail.clientId': 'client',
  'gmail.clientSecret': 'client',
  'calendar.clientId': 'client',
  'calendar.clientSecret': 'client',
  serviceAccountKey: 'account',
  pushServiceAccount: 'account',
};

/** The steps of which something is stored, and nothing of it missing. What happens only at Google cannot be told from here. */
export function stepsDone(stored: GoogleSetup, draft: Draft): Set<Step> {
  const missing = new Set(missingFields(stored, draft).map((field) => stepOf[field]));
  const known: Step[] = ['project', 'client', 'account'];
  return new Set(known.filter((step) => !missing.has(step)));
}

/** The steps at Google of which a verification has seen that they were done. */
export function stepsProven(verification: Verification | null): Set<Step> {
  const results = (verification?.checks ?? []).filter(isResult);
  const passed = (of: RegExp): boolean => {
    const looked = results.filter(({ id, result }) => of.test(id) && result !== 'skip');
    return looked.length > 0 && looked.every(({ result }) => result === 'pass');
  };
  const proven: [Step, RegExp][] = [
    ['apis', /^project[.].*-api$/],
    ['audience', /^consent[.]/],
  ];
  return new Set(proven.filter(([, of]) => passed(of)).map(([step]) => step));
}

export function missingFields(stored: GoogleSetup, draft: Draft): ConfigField[] {
  const ofCalendar = draft.calendar === 'none' ? [] : stored.calendar.missing;
  return [...new Set([...stored.gmail.missing, ...ofCalendar])];
}
