/** The few queries of the property test, read by hand. */
export function matchesText(
  state: {
    readonly body: string
    readonly severityNumber: number
    readonly attributes: Readonly<Record<string, unknown>>
  },
  when: string,
): boolean {
  switch (when) {
    case 'red':
      return state.body.includes('red')
    case '-red':
      return !state.body.includes('red')
    case 'a>=2':
      return typeof state.attributes['a'] === 'number' && state.attributes['a'] >= 2
    case 'level>=warn':
      return state.severityNumber >= 13
    case 'in.side:blue':
      return (state.attributes['in'] as Record<string, unknown>)['side'] === 'blue'
    case 'seen:1':
      return state.attributes['seen'] === 1
    default:
      return true
  }
}
