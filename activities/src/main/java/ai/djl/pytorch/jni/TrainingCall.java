package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * Calls a TorchScript method with gradients on. DJL's public calls of a named method run in
 * inference mode; the native function beneath takes the mode as an argument, but is visible in this
 * package only.
 */
public final class TrainingCall {
  private TrainingCall() {}

  /**
   * Runs a method of a module; with {@code train} what it returns and mutates can have gradients.
   */
  public static IValue run(
      PtSymbolBlock module, String method, boolean train, IValue... arguments) {
    long[] handles = new long[arguments.length];
    for (int i = 0; i < handles.length; i++) {
      handles[i] = arguments[i].getHandle();
    }
    return new IValue(
        PyTorchLibrary.LIB.moduleRunMethod(module.getHandle(), method, handles, train, false));
  }
}
