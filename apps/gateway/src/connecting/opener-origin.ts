/** A page that may hear how connecting ended, or why this one may not. */
export type OpenerOrigin = { ok: true; origin: string } | { ok: false; allowed: string[] };

/**
 * Which page will be told. What the request says itself has to be allowed; the browser's Origin counts only if it is;
 * otherwise it is the page of this very installation.
 */
export function openerOrigin(
  given: { body: string | undefined; header: string | undefined },
  { baseUrl, openerOrigins }: { baseUrl: string; openerOrigins: string[] },
): OpenerOrigin {
  const own = new URL(baseUrl).origin;
  const allowed = [own, ...openerOrigins];
  if (given.body !== undefined)
    return allowed.includes(given.body) ? { ok: true, origin: given.body } : { ok: false, allowed };
  return { ok: true, origin: given.header && allowed.includes(given.header) ? given.header : own };
}
