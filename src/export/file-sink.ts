/**
 * The aggregated file.
 */

export interface FileSinkConfig {
  readonly path: string
  /** `flat`: one flat JSON line per record; `otlp`: one OTLP/JSON `LogsData` per batch and line. */
  readonly format: 'flat' | 'otlp'
  /** The file is renamed away before it would grow beyond this. */
  readonly maxBytes: number
  /** Files kept, the current one included. */
  readonly maxFiles: number
  readonly line: 'full' | 'minimal'
}
