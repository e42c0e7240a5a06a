import { routesOf, type RouteMeans } from '../service.js';
import { openapiOf } from './openapi.js';
import { openapiRoute } from './openapi.routes.js';

/** Where docs/openapi.json says that the API is. */
const exampleBaseUrl = 'https://psa.example.com';

/** The text of docs/openapi.json. */
export function documentedApi(): string {
  // The routes are described and never called: nothing else of the means is touched.
  const means = { configuration: { baseUrl: exampleBaseUrl } } as RouteMeans;
  const routes = routesOf(means);
  return `${JSON.stringify(openapiOf([...routes, openapiRoute(routes)]), null, 2)}\n`;
}
