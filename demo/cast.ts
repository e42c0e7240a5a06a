import { CalendarUser } from './calendar-user.js';
import { Mailbox } from './mailbox.js';
import type { Stage } from './stage.js';
import { Tenant } from './tenant.js';

/** Who plays: two tenants that know nothing of each other, each with its own Google project and two mailboxes. */
export interface Cast {
  stage: Stage;
  harbor: Tenant;
  nordlicht: Tenant;
  /** Harbor's, the whole mailbox. */
  helpdesk: Mailbox;
  /** Harbor's, only what is labelled Tickets. */
  billing: Mailbox;
  /** Nordlicht's; its Google app is in Testing. */
  support: Mailbox;
  alerts: Mailbox;
  /** Harbor's technician, with two calendars. */
  tina: CalendarUser;
  /** Nordlicht's, with one. */
  jonas: CalendarUser;
}

export const ticketsLabel = 'Tickets';

export function castOf(stage: Stage): Cast {
  const harbor = new Tenant('harbor-it', stage);
  const nordlicht = new Tenant('nordlicht', stage);
  return {
    stage,
    harbor,
    nordlicht,
    helpdesk: new Mailbox(harbor, 'helpdesk@harbor-it.com'),
    billing: new Mailbox(harbor, 'billing@harbor-it.com', { labels: [ticketsLabel] }),
    support: new Mailbox(nordlicht, 'support@nordlicht-systems.com'),
    alerts: new Mailbox(nordlicht, 'alerts@nordlicht-systems.com'),
    tina: new CalendarUser(harbor, 'tina@harbor-it.com'),
    jonas: new CalendarUser(nordlicht, 'jonas@nordlicht-systems.com'),
  };
}

export const tenantsOf = ({ harbor, nordlicht }: Cast): Tenant[] => [harbor, nordlicht];
export const mailboxesOf = ({ helpdesk, billing, support, alerts }: Cast): Mailbox[] => [
  helpdesk,
  billing,
  support,
  alerts,
];
