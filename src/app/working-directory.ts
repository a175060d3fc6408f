/**
 * Where was this process started? Some are in a folder that has been removed since: deployments replace them under their cron jobs.
 */

/** The root when it is gone, or may not be seen: no file of ours is there. */
export function workingDirectory(): string {
  try {
    return process.cwd()
  } catch {
    return '/'
  }
}
