/** Why Google did not tell of something in the regular way; a gap of a mailbox or calendar carries one of these, or Google's own word. */
export const gapReasons = {
  /** Google has forgotten the history of the mailbox, which is searched instead. */
  historyExpired: 'history-expired',
  /** Google notified of nothing. It was found by comparison and is read already; it is over with the next `NotificationProven`. */
  notificationMissing: 'notification-missing',
} as const;

export const isNotificationMissing = ({ reason }: { reason: string }): boolean =>
  reason === gapReasons.notificationMissing;
