import { useEffect, useRef, type ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { hasMoved } from '../routing/location.js';
import { texts } from '../texts/texts.js';

interface PageProps {
  title: string;
  beside?: ReactNode;
  lead?: string;
  back?: { to: string; text: string };
  children: ReactNode;
}

/** Names the tab, and takes the focus to the heading when somebody came here from another page. */
export function Page({ title, beside, lead, back, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${texts.title}`;
  }, [title]);
  useEffect(() => {
    if (hasMoved()) heading.current?.focus();
  }, []);
  return (
    <>
      {back ? (
        <Link href={back.to} className="back">
          <span aria-hidden="true">←</span> {back.text}
        </Link>
      ) : null}
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {beside}
      </div>
      {lead ? <p className="lead">{lead}</p> : null}
      {children}
    </>
  );
}

export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Said only when it takes long, so that nothing flashes. */
export function Loading() {
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {texts.loading}
    </p>
  );
}
