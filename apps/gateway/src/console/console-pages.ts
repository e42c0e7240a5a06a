import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Configuration } from '#configuration/configuration';
import type { Logger } from '#logging/logger';
import type { PlainRoute } from '../api/api-module.js';
import { readConsoleFiles } from './console-files.js';

export interface ConsoleMeans {
  configuration: Pick<Configuration, 'baseUrl' | 'console' | 'development'>;
  logger: Logger;
}

const aYear = 'public, max-age=31536000, immutable';

/** Hashed files are kept by browsers, the page never is: it names the files of today. Every other path below is a place in the page. */
export async function consolePages({ configuration, logger }: ConsoleMeans): Promise<PlainRoute> {
  const built = join(import.meta.dirname, '../../../console/site');
  const files = await readConsoleFiles(configuration.console.folder ?? built);
  if (!files) {
    logger.warn('the console is not served: it was not built (npm run build), or CONSOLE_FOLDER is wrong');
    return (instance) => {
      for (const path of ['/console', '/console/*'])
        instance.get(path, (_, reply) =>
          reply
            .status(404)
            .headers({ 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' })
            .send('The console was not built. Run "npm run build", or set CONSOLE_FOLDER.'),
        );
    };
  }
  const sendPage = (_: FastifyRequest, reply: FastifyReply) => {
    const nonce = randomBytes(16).toString('base64');
    return reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': contentSecurityPolicy(nonce, configuration.console.origins),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex',
      })
      .send(filledPage(files.page, nonce, configuration));
  };
  return (instance) => {
    instance.get('/console', sendPage);
    instance.get('/console/*', sendPage);
    instance.get<{ Params: { name: string } }>('/console/assets/:name', (request, reply) => {
      const file = files.assets.get(request.params.name);
      if (!file)
        return reply
          .status(404)
          .headers({ 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' })
          .send('There is no such file.');
      const compressed = /\bbr\b/.test(request.headers['accept-encoding'] ?? '') ? file.brotli : undefined;
      return reply
        .headers({
          'content-type': file.mediaType,
          'cache-control': aYear,
          vary: 'accept-encoding',
          'x-content-type-options': 'nosniff',
          ...(compressed ? { 'content-encoding': 'br' } : {}),
        })
        .send(compressed ?? file.content);
    });
  };
}

/** Nothing runs or loads but our own files, nothing is sent elsewhere, and only listed pages may show it in a frame. */
export const contentSecurityPolicy = (nonce: string, frameOrigins: string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    // The component library lays one small style of its own into the page.
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    ["frame-ancestors 'self'", ...frameOrigins].join(' '),
  ].join('; ');

/** Where the installation lies below its domain, who may hand over a token, and the nonce of this answer. */
function filledPage(
  page: string,
  nonce: string,
  { baseUrl, console: { origins }, development }: ConsoleMeans['configuration'],
): string {
  const { pathname, origin } = new URL(baseUrl);
  const base = `${pathname.replace(/\/+$/, '')}/console/`;
  const settings = JSON.stringify({ origins: [origin, ...origins], development });
  return page
    .replace('%base%', attribute(base))
    .replace('%settings%', attribute(settings))
    .replace('%nonce%', nonce);
}

const attribute = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
