import { Lanes } from './lanes.js';

it('lets so many through at once, the others in their order, also after one that failed', async () => {
  const lanes = new Lanes(2);
  const begun: number[] = [];
  const ends: ((failed: boolean) => void)[] = [];
  const works = [0, 1, 2, 3].map((number) =>
    lanes.through(() => {
      begun.push(number);
      return new Promise<number>((resolve, reject) =>
        ends.push((failed) => (failed ? reject(new Error('no')) : resolve(number))),
      );
    }),
  );
  expect(begun).toEqual([0, 1]);
  ends[1]!(true);
  await expect(works[1]).rejects.toThrow('no');
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
  ends[0]!(false);
  expect(await works[0]).toBe(0);
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2, 3]);
  for (const end of ends) end(false);
  expect(await Promise.all([works[2], works[3]])).toEqual([2, 3]);
});
