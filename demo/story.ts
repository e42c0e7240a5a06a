import { castOf, tenantsOf, type Cast } from './cast.js';
import { Canaries } from './canaries.js';
import { beginAgain } from './chapters/begin-again.js';
import { connectTheMailboxes } from './chapters/connect-the-mailboxes.js';
import { crashInTheMiddle } from './chapters/crash-in-the-middle.js';
import { giveNothingAway } from './chapters/give-nothing-away.js';
import { haveTrouble } from './chapters/have-trouble.js';
import { keepCalendars } from './chapters/keep-calendars.js';
import { letTimePass } from './chapters/let-time-pass.js';
import { loseNoMail } from './chapters/lose-no-mail.js';
import { receiveMail } from './chapters/receive-mail.js';
import { setUpGoogle } from './chapters/set-up-google.js';
import { trustNoPush } from './chapters/trust-no-push.js';
import type { Report } from './report.js';
import type { Stage } from './stage.js';

/** Two tenants, from the first form to the last check, with everything that goes wrong on the way. */
export async function playStory(stage: Stage, report: Report): Promise<void> {
  const cast = castOf(stage);
  const canaries = new Canaries();
  const chapter = async (title: string, play: (cast: Cast, report: Report) => Promise<void>) => {
    await report.chapter(title, () => play(cast, report));
    // Many secrets live only for a while: they are noted while Google still knows them.
    await canaries.gather(stage, tenantsOf(cast));
  };

  await chapter('Two tenants store their own Google apps', setUpGoogle);
  await chapter('Four mailboxes are connected, not all at the first attempt', connectTheMailboxes);
  await chapter('Mail comes in', receiveMail);
  await chapter('Services end in the middle of traffic', crashInTheMiddle);
  await chapter('Pushes come twice, late, and from impostors', trustNoPush);
  await chapter('Things go wrong at Google and in mailboxes', haveTrouble);
  await chapter('Days pass', letTimePass);
  await chapter('Everything is ended, and started again', beginAgain);
  await chapter('Every mail came exactly once', loseNoMail);
  await chapter('Two technicians keep three calendars', keepCalendars);
  await report.chapter('Nothing secret got out', () => giveNothingAway(cast, report, canaries));
}
