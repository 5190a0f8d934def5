package dev.inkling.provision.fake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A machine that believes to have a GPU: an {@code nvidia-smi} that lists one, and folders that
 * look like those of torch's CUDA libraries.
 *
 * @param tools a folder for programs that stand in for others
 */
public record PretendGpu(Path tools) {
  /** With a GPU. */
  public static PretendGpu in(Path folder) throws IOException {
    PretendGpu gpu = new PretendGpu(Files.createDirectories(folder.resolve("tools")));
    gpu.tool("nvidia-smi", "[ \"$1\" = -L ] && echo 'GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-1)'");
    return gpu;
  }

  /** Puts a program there, a shell script. */
  public void tool(String name, String script) throws IOException {
    Path file = Files.writeString(tools.resolve(name), "#!/bin/bash\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  /** The variable, with these programs before all others. */
  public String path() {
    return tools + ":" + System.getenv("PATH");
  }

  /** Packages as pip leaves them, empty files all of them. */
  public static Path packages(Path folder, String version) throws IOException {
    for (String file :
        List.of(
            "torch/lib/libc10.so",
            "torch/lib/libc10_cuda.so",
            "torch/lib/libshm.so",
            "torch/lib/libtorch.so",
            "torch/lib/libtorch_cpu.so",
            "torch/lib/libtorch_cuda.so",
            "nvidia/cublas/lib/libcublas.so.12",
            "nvidia/cuda_runtime/lib/libcudart.so.12",
            "cusparselt/lib/libcusparseLt.so.0")) {
      Path made = folder.resolve(file);
      Files.createDirectories(made.getParent());
      Files.writeString(made, "");
    }
    Files.writeString(
        folder.resolve("torch/version.py"), "__version__ = '" + version + "'\ncuda = '12.6'\n");
    return folder;
  }
}
