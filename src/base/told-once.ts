/** Tells of something that is away when it goes, not with every attempt to reach it. */
export function toldOnce(onFault: (what: string, fault: unknown) => void, what: string) {
  let away = false;
  return {
    fault(fault: unknown): void {
      if (!away) onFault(what, fault);
      away = true;
    },
    isBack(): void {
      away = false;
    },
  };
}
