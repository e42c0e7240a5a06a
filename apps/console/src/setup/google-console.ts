/** Pages of Google's console, in the project when it is known. */
export function googlePages(projectId: string) {
  const known = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(projectId.trim());
  const within = (path: string): string =>
    `https://console.cloud.google.com/${path}${known ? `?project=${projectId.trim()}` : ''}`;
  return {
    known,
    createProject: 'https://console.cloud.google.com/projectcreate',
    projects: 'https://console.cloud.google.com/cloud-resource-manager',
    gmailApi: within('apis/library/gmail.googleapis.com'),
    pubsubApi: within('apis/library/pubsub.googleapis.com'),
    calendarApi: within('apis/library/calendar-json.googleapis.com'),
    branding: within('auth/branding'),
    audience: within('auth/audience'),
    dataAccess: within('auth/scopes'),
    clients: within('auth/clients'),
    serviceAccounts: within('iam-admin/serviceaccounts'),
    cloudShell: 'https://shell.cloud.google.com',
  };
}
