/** Who plays through the days, as plain data: three tenants, each with its own Google project. */
export interface RosterTenant {
  id: string;
  projectId: string;
  appName: string;
  /** Google ends the permissions of an app in Testing after seven days. */
  testing: boolean;
  /** Its people belong to a Google Workspace, whose administrator may decide about apps. */
  workspaceDomain: string | null;
  mailboxes: string[];
  /** Accounts whose primary calendar is kept. One of them has a mailbox that is kept, too. */
  calendars: string[];
}

export const roster: RosterTenant[] = [
  {
    id: 'harbor-it',
    projectId: 'harbor-it-psa',
    appName: 'Harbor IT Helpdesk',
    testing: false,
    workspaceDomain: null,
    mailboxes: ['helpdesk@harbor-it.com', 'billing@harbor-it.com'],
    calendars: ['tina@harbor-it.com'],
  },
  {
    id: 'nordlicht',
    projectId: 'nordlicht-psa',
    appName: 'Nordlicht Service',
    testing: true,
    workspaceDomain: null,
    mailboxes: ['support@nordlicht-systems.com', 'alerts@nordlicht-systems.com'],
    calendars: ['jonas@nordlicht-systems.com'],
  },
  {
    id: 'atlas',
    projectId: 'atlas-works-psa',
    appName: 'Atlas Works Desk',
    testing: false,
    workspaceDomain: 'atlas-works.com',
    mailboxes: ['desk@atlas-works.com', 'field@atlas-works.com'],
    calendars: ['mia@atlas-works.com', 'field@atlas-works.com'],
  },
];

export type ConnectionKind = 'mailbox' | 'calendar';

/** One mailbox or calendar that is kept connected. */
export interface Connection {
  /** A mailbox's address, or whose calendar it is. */
  name: string;
  account: string;
  kind: ConnectionKind;
  tenant: RosterTenant;
}

export const connections: Connection[] = roster.flatMap((tenant) => [
  ...tenant.mailboxes.map((account): Connection => ({ name: account, account, kind: 'mailbox', tenant })),
  ...tenant.calendars.map((account): Connection => ({
    name: `calendar of ${account}`,
    account,
    kind: 'calendar',
    tenant,
  })),
]);
