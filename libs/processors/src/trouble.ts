const ofTheServer = /^(08|40|53|58|57P)/;
const ofTheNetwork = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];
const ofTheConnection =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|not queryable|Client was closed/i;

/** Whether the database is at fault rather than the event: then all wait, and no event is blamed and parked. */
export function isDatabaseTrouble(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  return ofTheServer.test(code) || ofTheNetwork.includes(code) || ofTheConnection.test(String(error));
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
