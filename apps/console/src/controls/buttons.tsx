import type { ReactNode } from 'react';
import { Button, Link, type ButtonProps } from 'react-aria-components';
import { texts } from '../texts/texts.js';

type Look = 'primary' | 'secondary' | 'quiet' | 'danger';

interface PressProps extends Omit<ButtonProps, 'className' | 'children'> {
  look?: Look;
  children: ReactNode;
}

/** While it is at work it keeps the focus and cannot be pressed again. */
export function Press({
  look = 'secondary',
  isPending = false,
  children,
  onPress,
  type,
  ...props
}: PressProps) {
  return (
    <Button
      {...props}
      {...(isPending
        ? { type: 'button', 'data-pending': true }
        : { ...(type ? { type } : {}), ...(onPress ? { onPress } : {}) })}
      className={`button ${look}`}
    >
      {isPending ? <span className="spinner" aria-hidden="true" /> : null}
      {children}
    </Button>
  );
}

/** A link to a place in the console that looks like a button. */
export function GoTo({ to, look = 'secondary', children }: { to: string; look?: Look; children: ReactNode }) {
  return (
    <Link href={to} className={`button ${look}`}>
      {children}
    </Link>
  );
}

/** Leads out of the console. */
export function Outward({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a className="outward" href={href} target="_blank" rel="noreferrer noopener">
      {children}
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M6 3H3v10h10v-3M9 3h4v4M13 3 7 9" />
      </svg>
      <span className="unseen"> {texts.opensElsewhere}</span>
    </a>
  );
}
