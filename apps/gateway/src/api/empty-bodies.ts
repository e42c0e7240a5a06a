import type { PlainRoute } from './api-module.js';

/**
 * Many HTTP clients name JSON as the content type of every request, also of those without a body. Fastify refuses an empty text as JSON;
 * here it counts as no body.
 */
export const acceptEmptyBodies: PlainRoute = (instance) => {
  instance.addHook('onRequest', (request, _reply, done) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (encoding === undefined && (length === undefined || length === '0'))
      delete request.headers['content-type'];
    done();
  });
};
