package dev.inkling.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.TrainingCall;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript module made from text: each page is a resource beside a class with one or more
 * functions, and all pages together are the methods of one class without weights.
 */
public final class Script implements AutoCloseable {
  private static final String CLASS = "Module";

  private final PtSymbolBlock module;

  private Script(PtSymbolBlock module) {
    this.module = module;
  }

  /** Compiles pages of this package, named without their ending. */
  static Script of(PtNDManager manager, String... pages) {
    return of(manager, Script.class, "", pages);
  }

  /**
   * Compiles pages, named without their ending.
   *
   * @param beside the class in whose package the pages lie
   * @param constants functions that only return what the pages are to know about sizes
   */
  public static Script of(PtNDManager manager, Class<?> beside, String constants, String... pages) {
    StringBuilder source =
        new StringBuilder(
            "class "
                + CLASS
                + "(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
    constants.lines().forEach(line -> source.append("  ").append(line).append('\n'));
    for (String page : pages) {
      text(beside, page).lines().forEach(line -> source.append("  ").append(line).append('\n'));
    }
    ByteArrayInputStream archive = new ByteArrayInputStream(archive(source.toString()));
    try {
      return new Script(JniUtils.loadModule(manager, archive, false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Calls a method that returns one tensor, with gradients on if it trains. */
  public NDArray call(NDManager results, String method, boolean train, IValue... arguments) {
    return run(method, train, result -> result.toTensor((PtNDManager) results), arguments);
  }

  /** Calls a method that returns a list of tensors. */
  public List<NDArray> callForList(
      NDManager results, String method, boolean train, IValue... arguments) {
    return run(
        method,
        train,
        result -> {
          List<NDArray> arrays = new ArrayList<>();
          for (IValue element : result.toIValueArray()) {
            arrays.add(element.toTensor((PtNDManager) results));
            element.close();
          }
          return arrays;
        },
        arguments);
  }

  private <T> T run(
      String method, boolean train, Function<IValue, T> reading, IValue... arguments) {
    try {
      IValue result = TrainingCall.run(module, method, train, arguments);
      try {
        return reading.apply(result);
      } finally {
        result.close();
      }
    } finally {
      for (IValue argument : arguments) {
        argument.close();
      }
    }
  }

  /** A tensor as an argument. */
  public static IValue tensor(NDArray array) {
    return IValue.from((PtNDArray) array);
  }

  /** A list of tensors as an argument. */
  public static IValue tensors(List<NDArray> arrays) {
    return IValue.listFrom(arrays.toArray(PtNDArray[]::new));
  }

  @Override
  public void close() {
    module.close();
  }

  private static String text(Class<?> beside, String page) {
    String name = page + ".torchscript";
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no page " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The five entries of a TorchScript archive; data.pkl holds one object of our class whose only
   * attribute is training.
   */
  private static byte[] archive(String source) {
    byte[] object =
        ("\u0080\u0002c__torch__\n" + CLASS + "\n)\u0081}(X\u0008\0\0\0training\u0088ub.")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] noConstants = "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "data.pkl", object);
      store(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      store(zip, "constants.pkl", noConstants);
      // Operators as torch 2.7 has them; a lower number asks for what they were before.
      store(zip, "version", "10\n".getBytes(StandardCharsets.UTF_8));
      store(zip, "byteorder", "little".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry("inkling/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
