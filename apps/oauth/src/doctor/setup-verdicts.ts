import { found, type Finding, type VerifiedProduct } from '#contracts/diagnosis';
import type { Product } from '#contracts/oauth';
import { problem } from '#problems/problem';
import { missingFor } from '../google-app/app-status.js';
import { isEmpty, type StoredApp } from '../google-app/stored-app.js';

export const gmailIsBegun = (app: StoredApp): boolean =>
  !isEmpty(app.gmail) || app.key !== null || app.pushServiceAccount !== null;

/** The products that a tenant means to use, among those that are asked about. */
export function productsOf(app: StoredApp, asked: VerifiedProduct): Product[] {
  const wanted: Record<Product, boolean> = {
    gmail: asked !== 'calendar' && (asked === 'gmail' || gmailIsBegun(app) || app.calendar !== 'own'),
    calendar: asked !== 'gmail' && (asked === 'calendar' || app.calendar !== 'none'),
  };
  return (['gmail', 'calendar'] as const).filter((product) => wanted[product]);
}

/** Whether everything but the key is stored; the key has a check of its own. */
export function completeFinding(app: StoredApp, products: readonly Product[]): Finding {
  const asked = 'What is stored in the Secrets Provider for this tenant?';
  const missing = new Set(products.flatMap((product) => missingFor(app, product)));
  missing.delete('serviceAccountKey');
  const calendarIsOff = products.includes('calendar') && app.calendar === 'none';
  const names = [...missing, ...(calendarIsOff ? ['calendar'] : [])];
  return names.length > 0
    ? found.fail(
        'config.complete',
        asked,
        `Missing: ${names.join(', ')}.`,
        problem('google-app.incomplete', { missing: names.join(', ') }),
      )
    : found.pass('config.complete', asked, 'Project, client ids and client secrets are there.');
}

const inProject = (projectId: string | null): Record<string, string> => (projectId ? { projectId } : {});

/** What can be said of the key without asking anybody. */
export function keyFindings(app: StoredApp): Finding[] {
  const { key, projectId } = app;
  const asked = 'Which service account key is stored?';
  if (app.provisioning === 'manual') return [accountOfProject(app)];
  if (!key)
    return [
      found.fail(
        'key.stored',
        asked,
        'None, or none that can be used.',
        problem('service-account-key.missing', inProject(projectId)),
      ),
    ];
  const { client_email: account, project_id: keyProject } = key;
  return [
    found.pass('key.stored', asked, `A key of ${account}.`),
    keyProject === projectId
      ? found.pass('key.project', asked, `It is of ${keyProject}, as configured.`)
      : found.fail(
          'key.project',
          asked,
          `It is of ${keyProject}; configured is ${projectId ?? 'none'}.`,
          problem('service-account-key.other-project', { keyProject, ...inProject(projectId) }),
        ),
  ];
}

/** Pub/Sub lets a subscription sign only as an account of its own project. */
function accountOfProject({ pushServiceAccount, projectId }: StoredApp): Finding {
  const asked = 'Which account signs the pushes of this manual setup?';
  const accountProject = /@([a-z0-9-]+)\.iam\.gserviceaccount\.com$/.exec(pushServiceAccount ?? '')?.[1];
  if (!accountProject) return found.unknown('key.project', asked, 'Its address names no project.');
  return accountProject === projectId
    ? found.pass('key.project', asked, `One of ${accountProject}, as configured.`)
    : found.fail(
        'key.project',
        asked,
        `One of ${accountProject}; configured is ${projectId ?? 'none'}.`,
        problem('push-service-account.other-project', { accountProject, ...inProject(projectId) }),
      );
}
