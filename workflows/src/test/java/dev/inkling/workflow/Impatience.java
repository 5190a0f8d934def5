package dev.inkling.workflow;

import io.temporal.activity.ActivityOptions;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptor;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkflowOutboundCallsInterceptor;
import io.temporal.common.interceptors.WorkflowOutboundCallsInterceptorBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A worker is waited for less long: the server for tests lets no time pass by itself while an
 * activity has not begun.
 */
final class Impatience extends WorkerInterceptorBase {
  /** How long the workflow would have waited for workers, each time. */
  final List<Duration> told = new CopyOnWriteArrayList<>();

  private final Duration limit;

  Impatience(Duration limit) {
    this.limit = limit;
  }

  @Override
  public WorkflowInboundCallsInterceptor interceptWorkflow(WorkflowInboundCallsInterceptor next) {
    return new WorkflowInboundCallsInterceptorBase(next) {
      @Override
      public void init(WorkflowOutboundCallsInterceptor outbound) {
        next.init(
            new WorkflowOutboundCallsInterceptorBase(outbound) {
              @Override
              public <R> ActivityOutput<R> executeActivity(ActivityInput<R> input) {
                return super.executeActivity(shorter(input));
              }
            });
      }
    };
  }

  private <R> WorkflowOutboundCallsInterceptor.ActivityInput<R> shorter(
      WorkflowOutboundCallsInterceptor.ActivityInput<R> input) {
    Duration wait = input.getOptions().getScheduleToStartTimeout();
    if (wait == null) {
      return input;
    }
    told.add(wait);
    return new WorkflowOutboundCallsInterceptor.ActivityInput<>(
        input.getActivityName(),
        input.getResultClass(),
        input.getResultType(),
        input.getArgs(),
        ActivityOptions.newBuilder(input.getOptions())
            .setScheduleToStartTimeout(wait.compareTo(limit) < 0 ? wait : limit)
            .build(),
        input.getHeader());
  }
}
