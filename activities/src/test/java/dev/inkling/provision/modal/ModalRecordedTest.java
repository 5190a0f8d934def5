package dev.inkling.provision.modal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool.Ended;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Modal 1.6.4 was recorded to print without a token. */
class ModalRecordedTest {
  @ParameterizedTest
  @CsvSource({
    "m_app_list, NO_CREDENTIALS, Token missing",
    "m_run, NO_CREDENTIALS, Token missing",
    "m_stop, NO_CREDENTIALS, Token missing",
    "m_badgpu, BAD_REQUEST, Invalid GPU count"
  })
  void aRecordedFailureIsUnderstood(String file, Reason reason, String words) throws Exception {
    ProvisionException failure =
        ModalFailure.of(
            new Ended(1, List.of(), lines(file + ".err")), "It failed", "Nothing was left.");

    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure).hasMessageContaining(words);
  }

  private static List<String> lines(String file) throws IOException {
    try (InputStream stream = ModalRecordedTest.class.getResourceAsStream(file)) {
      return stream == null ? List.of() : new String(stream.readAllBytes(), UTF_8).lines().toList();
    }
  }
}
