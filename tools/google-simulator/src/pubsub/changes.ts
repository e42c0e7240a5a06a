/** Lets long polls wait for a condition instead of asking again and again. */
export class Changes {
  private readonly listeners = new Set<() => void>();
  private closed = false;

  announce(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** Calls back after every change, whether somebody waits for one or not. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /**
   * Resolves with true as soon as the condition holds, and with false when `giveUp` is called first or all ends.
   * `arm` receives `giveUp`, and returns how to disarm what it set up.
   */
  async until(condition: () => boolean, arm: (giveUp: () => void) => () => void): Promise<boolean> {
    if (condition()) return true;
    if (this.closed) return false;
    return await new Promise<boolean>((resolve) => {
      const end = (met: boolean) => {
        this.listeners.delete(check);
        disarm();
        resolve(met);
      };
      const check = () => {
        if (condition()) end(true);
        else if (this.closed) end(false);
      };
      const disarm = arm(() => end(false));
      this.listeners.add(check);
    });
  }

  close(): void {
    this.closed = true;
    this.announce();
  }
}
