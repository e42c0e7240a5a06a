/** Where Google's services are. Base URLs without a trailing slash. */
export interface GoogleEndpoints {
  /** Consent pages. */
  accounts: string;
  /** Token, revoke. */
  oauth2: string;
  /** Certificates for what Google signs. */
  www: string;
  gmail: string;
  pubsub: string;
  /** The client library adds `/calendar/v3`. */
  calendar: string;
  /** Which APIs a project has turned on, and its number. */
  serviceUsage: string;
  /** What an account may do in a project. */
  resourceManager: string;
  /** What an account may do with a service account. */
  iam: string;
}

const google: GoogleEndpoints = {
  accounts: 'https://accounts.google.com',
  oauth2: 'https://oauth2.googleapis.com',
  www: 'https://www.googleapis.com',
  gmail: 'https://gmail.googleapis.com',
  pubsub: 'https://pubsub.googleapis.com',
  calendar: 'https://www.googleapis.com',
  serviceUsage: 'https://serviceusage.googleapis.com',
  resourceManager: 'https://cloudresourcemanager.googleapis.com',
  iam: 'https://iam.googleapis.com',
};

/** Google itself, or the simulator, which serves all of Google's paths at one address. */
export const googleEndpoints = (simulatorUrl?: string): GoogleEndpoints =>
  simulatorUrl
    ? {
        accounts: simulatorUrl,
        oauth2: simulatorUrl,
        www: simulatorUrl,
        gmail: simulatorUrl,
        pubsub: simulatorUrl,
        calendar: simulatorUrl,
        serviceUsage: simulatorUrl,
        resourceManager: simulatorUrl,
        iam: simulatorUrl,
      }
    : google;
