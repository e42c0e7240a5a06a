import { jobRunnerContract } from './job-runner.contract.js';
import { MemoryJobRunner, type SharedJobs } from './memory-job-runner.js';

jobRunnerContract('the substitute in memory', () => {
  const shared: SharedJobs = new Map();
  const told: string[] = [];
  const runner = new MemoryJobRunner(shared, (sentence) => told.push(sentence));
  return Promise.resolve({
    runner,
    elsewhere: new MemoryJobRunner(shared),
    kill: () => Promise.resolve(runner.die()),
    told,
    close: () => Promise.resolve(),
  });
});
