import { days, MovableClock } from '#time/clock';
import { Scheduler } from './scheduler.js';

describe('the scheduler', () => {
  let clock: MovableClock;
  let scheduler: Scheduler;
  beforeEach(() => {
    clock = new MovableClock();
    scheduler = new Scheduler(clock);
  });
  afterEach(() => scheduler.close());

  it('runs work once its instant is jumped over, earliest first', () => {
    const ran: string[] = [];
    scheduler.after(days(2), () => void ran.push('second'));
    scheduler.after(days(1), () => void ran.push('first'));
    scheduler.after(days(9), () => void ran.push('too early'));
    clock.advance(days(3));
    expect(ran).toEqual(['first', 'second']);
  });

  it('runs work when real time reaches it', async () => {
    await new Promise<void>((resolve) => scheduler.after(5, resolve));
  });

  it('runs work that was due already', async () => {
    await new Promise<void>((resolve) => scheduler.at(new Date(0), resolve));
  });

  it('runs what due work schedules within the same jump', () => {
    const ran: string[] = [];
    scheduler.after(days(1), () => void scheduler.after(0, () => void ran.push('follow-up')));
    clock.advance(days(3));
    expect(ran).toEqual(['follow-up']);
  });

  it('forgets cancelled work, and goes on after work that failed', () => {
    const ran: string[] = [];
    scheduler.after(days(1), () => void ran.push('cancelled'))();
    scheduler.after(days(1), () => {
      throw new Error('broken');
    });
    scheduler.after(days(2), () => void ran.push('later'));
    clock.advance(days(3));
    expect(ran).toEqual(['later']);
  });

  it('runs nothing after it was closed', () => {
    const ran: string[] = [];
    scheduler.after(days(1), () => void ran.push('late'));
    scheduler.close();
    scheduler.after(0, () => void ran.push('later'));
    clock.advance(days(3));
    expect(ran).toEqual([]);
  });
});
