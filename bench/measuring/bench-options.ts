export interface BenchOptions {
  rounds: number;
  /** Where CPU profiles of the product's processes go. */
  profileDir?: string | undefined;
}
