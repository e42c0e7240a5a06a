import { definitionOf, describeProblem, problem, problemCodes } from './problem.js';

it('puts the parameters into the sentence and the link', () => {
  const described = describeProblem(problem('pubsub.api-disabled', { projectId: 'acme-psa' }));
  expect(described.sentence).toContain('acme-psa');
  expect(described.link).toBe(
    'https://console.cloud.google.com/apis/library/pubsub.googleapis.com?project=acme-psa',
  );
});

it('leaves out a link that would lead nowhere', () => {
  expect(describeProblem(problem('pubsub.api-disabled')).link).toBeUndefined();
});

it.each(problemCodes)('%s tells a whole sentence and a remedy, under a kebab-case code', (code) => {
  const { sentence, remedy } = definitionOf(code);
  expect(code).toMatch(/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/);
  expect(sentence).toMatch(/^["A-Z{].*([.:…]|\{detail\})$/);
  expect(remedy).toMatch(/^[A-Z].*\.$/);
});
