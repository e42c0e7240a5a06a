import { doctorTexts } from './doctor-texts.js';
import { providerTexts } from './provider-texts.js';
import { sessionTexts } from './session-texts.js';
import { setupTexts } from './setup-texts.js';

/** Every text of the console. What the gateway answers (problems, history) comes in its own words. Another language is another such object. */
export const texts = {
  title: 'Google integration',
  skip: 'Skip to the content',
  nav: { label: 'Google integration', setup: 'Google setup', mailboxes: 'Mailboxes', calendars: 'Calendars' },
  development: 'Development',
  developmentLong: 'Development installation: Google may be simulated.',
  signOut: 'Sign out',
  notLive: 'Changes do not come by themselves at the moment; this page looks again every half minute.',
  loading: 'Loading',
  close: 'Close',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'Press Ctrl+C to copy',
  opensElsewhere: '(opens another tab)',
  openGoogle: 'Open the page at Google',
  tryAgain: 'Try again',
  remove: 'Remove',
  replace: 'Replace',
  save: 'Save',
  nowhere: { title: 'There is no such page', back: 'To the mailboxes' },
  forbidden: {
    title: 'You may not see this',
    text: 'The Google setup is for administrators. Your account in the PSA lacks the permission “system_settings”.',
    remedy: 'Ask an administrator of your PSA. Your own calendars are open to you.',
    toCalendars: 'To your calendars',
  },
  readOnly:
    'You may look, but not change anything here. Changing takes the permission “system_settings:update”.',
  api: {
    failed: {
      sentence: 'Something failed that nobody foresaw.',
      remedy: 'Try again. If it persists, tell whoever runs this installation.',
    },
    unreachable: {
      sentence: 'The installation does not answer.',
      remedy: 'Check your connection and try again.',
    },
  },
  ...sessionTexts,
  ...setupTexts,
  ...doctorTexts,
  ...providerTexts,
};
