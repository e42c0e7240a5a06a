import { z } from 'zod';
import { open, type Route } from '../api/route.js';
import { openapiOf } from './openapi.js';

const own = {
  method: 'GET',
  path: '/openapi.json',
  tag: 'Health',
  summary: 'This description',
  answer: z.record(z.string(), z.unknown()),
} as const;

/** Describes the other routes and itself. */
export const openapiRoute = (routes: Route[]): Route => {
  const route = open({ ...own, handle: () => Promise.resolve({ body: description }) });
  const description = openapiOf([...routes, route]);
  return route;
};
