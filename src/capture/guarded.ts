/**
 * Keeps what goes wrong in a subscriber of ours away from the application: Node reports such an error as uncaught.
 */

/** The same handler, which never throws; what it was to record is not recorded then. */
export function guarded(handler: (message: never) => void): (message: unknown) => void {
  return (message) => {
    try {
      handler(message as never)
    } catch {
      // The application's operation goes on without us.
    }
  }
}
