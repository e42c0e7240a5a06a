import { operatorAnswer } from '#operating/operator-server';
import type { OperatorBoard } from '#operating/operator-board';
import type { PlainRoute } from '../api/api-module.js';

/** In development one address is enough: what operators otherwise find on a port of their own is below `/operator` here. */
export function operatorRoutes(board: OperatorBoard): PlainRoute {
  return (instance) => {
    for (const path of ['/health', '/ready', '/metrics']) {
      instance.get(`/operator${path}`, async (_request, reply) => {
        const { status, contentType, body } = (await operatorAnswer(board, path))!;
        return reply
          .status(status)
          .headers({ 'content-type': contentType, 'cache-control': 'no-store' })
          .send(body);
      });
    }
  };
}
