import { useSyncExternalStore } from 'react';

const base = (): string => new URL(document.baseURI).pathname;

/** Where in the console somebody is: `mailboxes`, `mailboxes/<id>`, … */
const here = (): string => {
  const { pathname } = location;
  return pathname.startsWith(base()) ? pathname.slice(base().length).replace(/\/$/, '') : '';
};

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('popstate', listener);
  return () => removeEventListener('popstate', listener);
};

export const usePlace = (): string => useSyncExternalStore(subscribe, here);

let moved = false;

/** Whether somebody came to this place from another one of the console. */
export const hasMoved = (): boolean => moved;

export function goTo(place: string): void {
  const url = new URL(place, document.baseURI);
  if (url.pathname === location.pathname) return;
  moved = true;
  history.pushState(null, '', url);
  scrollTo(0, 0);
  dispatchEvent(new PopStateEvent('popstate'));
}
