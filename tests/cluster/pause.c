/* The process that holds a pod's namespaces: waits, reaps what is left to it, ends when asked. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  sigset_t awaited;
  int signal;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGTERM);
  sigaddset(&awaited, SIGINT);
  sigaddset(&awaited, SIGCHLD);
  sigprocmask(SIG_BLOCK, &awaited, NULL);
  while (sigwait(&awaited, &signal) == 0 && signal == SIGCHLD)
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
  return 0;
}
