import { useEffect, useState } from 'react';
import { Empty, Loading, Page } from '../controls/page.js';

/** What was added a moment ago may be in no list yet. */
const soonMs = 3_000;

export function Gone({
  title,
  text,
  back,
}: {
  title: string;
  text: string;
  back: { to: string; text: string };
}) {
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    const timer = setTimeout(setGone, soonMs, true);
    return () => clearTimeout(timer);
  }, []);
  if (!isGone) return <Loading />;
  return (
    <Page title={title} back={back}>
      <Empty title={text}>{null}</Empty>
    </Page>
  );
}
