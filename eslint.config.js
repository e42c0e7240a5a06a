import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const noSkippedTests = {
  selector:
    'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo)$/], CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]',
  message: 'No skipped or focused tests: bring what is missing, or fail and say what to do.',
};

// A translator has to find every text, and nobody else should have to.
const textsOutsideTheCatalogue = [
  {
    selector: 'JSXText[value=/[A-Za-z]{2}/]',
    message: 'Texts of the console stand in apps/console/src/texts.',
  },
  {
    selector:
      'JSXAttribute[name.name=/^(aria-label|aria-description|label|description|title|lead|alt|placeholder|text|button|confirm|submit)$/] > Literal[value=/[A-Za-z]{2}/]',
    message: 'Texts of the console stand in apps/console/src/texts.',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.data/', '**/planted/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', noSkippedTests],
    },
  },
  {
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: ['libs/configuration/**', 'libs/servers/**', '**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only libs/configuration reads the environment.' },
      ],
    },
  },
  {
    files: ['apps/console/src/**/*.ts', 'apps/console/src/**/*.tsx'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      'no-restricted-syntax': ['error', noSkippedTests, ...textsOutsideTheCatalogue],
    },
  },
  { files: ['**/*.spec.ts', '**/*.contract.ts'], rules: { 'max-lines': 'off' } },
  // dependency-cruiser reads its rules as CommonJS.
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
