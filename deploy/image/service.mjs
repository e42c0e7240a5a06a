// The image's entry: starts the service that its argument names.
const services = ['gateway', 'oauth', 'gmail', 'calendar', 'maintenance'];
const [service] = process.argv.slice(2);

if (services.includes(service)) {
  await import(new URL(`../../dist/apps/${service}/src/main.js`, import.meta.url));
} else {
  process.stderr.write(`Say which service to start: ${services.join(', ')}.\n`);
  process.exit(2);
}
