const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A moment as people read it, in their own time zone; exact when pointed at. */
export function When({ at, say = (when) => when }: { at: string; say?: (when: string) => string }) {
  const moment = new Date(at);
  return (
    <time dateTime={at} title={full.format(moment)}>
      {say(short.format(moment))}
    </time>
  );
}

export const spoken = (at: string): string => short.format(new Date(at));
