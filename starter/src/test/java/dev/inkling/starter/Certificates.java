package dev.inkling.starter;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority of a test's own, and what it signs; made by the JDK's keytool. */
final class Certificates {
  private static final String PASSWORD = "changeit";

  private final Path directory;

  /** Makes the authority. */
  Certificates(Path directory) throws IOException, InterruptedException {
    this.directory = Files.createDirectories(directory);
    keyPair("ca", "-ext", "bc:c=ca:true");
    keytool("ca", "-exportcert", "-rfc", "-alias", "ca", "-file", authority().toString());
  }

  /** The authority's certificate as PEM. */
  Path authority() {
    return directory.resolve("ca.pem");
  }

  /** A certificate as PEM, signed by the authority, and its key as {@link #key}. */
  Path signed(String name) throws IOException, InterruptedException, GeneralSecurityException {
    keyPair(name);
    String request = directory.resolve(name + ".csr").toString();
    Path certificate = directory.resolve(name + ".pem");
    keytool(name, "-certreq", "-alias", name, "-file", request);
    keytool(
        "ca",
        "-gencert",
        "-rfc",
        "-alias",
        "ca",
        "-infile",
        request,
        "-outfile",
        certificate.toString(),
        "-ext",
        "san=ip:127.0.0.1,dns:localhost");
    byte[] key = store(name).getKey(name, PASSWORD.toCharArray()).getEncoded();
    Files.writeString(
        key(name),
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(key)
            + "\n-----END PRIVATE KEY-----\n");
    return certificate;
  }

  /** The key of a signed certificate, as PEM in PKCS 8. */
  Path key(String name) {
    return directory.resolve(name + ".key");
  }

  /** A server's side of TLS that trusts clients of this authority only. */
  SSLContext server(String name)
      throws GeneralSecurityException, IOException, InterruptedException {
    Certificate own = read(signed(name));
    Certificate authority = read(authority());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry(
        name,
        store(name).getKey(name, PASSWORD.toCharArray()),
        PASSWORD.toCharArray(),
        new Certificate[] {own, authority});
    KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
    keyManagers.init(keys, PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", authority);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static Certificate read(Path pem) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(pem)) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private KeyStore store(String name) throws GeneralSecurityException, IOException {
    return KeyStore.getInstance(directory.resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
  }

  private void keyPair(String name, String... more) throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "EC",
                "-validity",
                "2"));
    arguments.addAll(List.of(more));
    keytool(name, arguments.toArray(String[]::new));
  }

  private void keytool(String store, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "-keystore",
            directory.resolve(store + ".p12").toString(),
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD));
    Path output = directory.resolve("keytool.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("keytool failed: " + Files.readString(output));
    }
  }
}
