// The image's health check: what the operators' address says of this process.
const { OPERATOR_PORT } = process.env;

try {
  const answer = await fetch(`http://127.0.0.1:${OPERATOR_PORT}/ready`, {
    signal: AbortSignal.timeout(4_000),
  });
  if (!answer.ok) process.stdout.write(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  process.stdout.write(`${error.message}\n`);
  process.exitCode = 1;
}
