// Random numbers that a seed repeats: SplitMix64 (Steele, Lea, Flood 2014). The runner prints the
// seed as LIMPET_SEED=N, and takes it back from the environment.

// @ts-ignore: a decorator on a function is AssemblyScript's
@external("spec", "seed")
declare function seed(): u32;

export class Random {
  private state: u64 = <u64>seed();

  next(): u64 {
    this.state += 0x9e3779b97f4a7c15;
    let mixed = this.state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  /** From 0 to `bound` - 1. */
  below(bound: i32): i32 {
    return <i32>(this.next() % <u64>bound);
  }
}
