export const sessionTexts = {
  session: {
    waiting: 'Asking the PSA who you are',
    title: 'Sign in',
    fromHost:
      'Open this page from your PSA: it tells who you are. You can also paste an access token of the PSA.',
    noAnswer: 'The page that shows or opened this one did not say who you are.',
    ended: 'Your session has ended.',
    development:
      'This is a development installation: “npm start” wrote a token to .data/token; “npm run -s token” prints another one.',
    tokenLabel: 'Access token',
    tokenDescription: 'It stays in this tab and is forgotten when you close it.',
    notAToken: 'This is not an access token. It has three parts with dots between them.',
    signIn: 'Sign in',
    askAgain: 'Ask again',
  },
};
