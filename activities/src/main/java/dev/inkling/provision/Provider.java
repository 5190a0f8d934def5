package dev.inkling.provision;

import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import java.util.List;
import java.util.function.Consumer;

/**
 * A tool that makes machines. Every method may be called again after a crash at any point of an
 * earlier call: what bears the request's name is looked up and adopted, never made twice. Whoever
 * is interrupted ends the tool's process, and cleans up behind it before he throws unless he was
 * replaced.
 */
public interface Provider {
  /** What specs and people call it. */
  String name();

  /**
   * Makes sure that a cluster of the request's generation is there, or waits for its turn at the
   * provider. One of an earlier generation is ended first.
   *
   * @param attempt hears lines of the tool's output, for people
   * @return it, pending or up; {@link Cluster.State#GONE} if it was there and has ended: there is
   *     never a second one of a generation, or one that ends at once would be made without end
   * @throws ProvisionException with nothing left behind, or what is left behind named in it
   */
  Cluster ensure(ClusterRequest request, Attempt attempt)
      throws ProvisionException, InterruptedException;

  /** What bears the name, of whichever generation; {@link Cluster.State#GONE} for nothing. */
  Cluster describe(ClusterRequest request) throws ProvisionException, InterruptedException;

  /**
   * Ends what bears a name, and returns when the provider knows of nothing any more; also if it
   * never knew. A machine that was made meanwhile is spared, and so is what it was made with:
   * whoever ends one by hand need not know that its experiment has noticed.
   *
   * @param newest the generation up to which they are ended
   */
  void release(String name, int newest, Consumer<String> progress)
      throws ProvisionException, InterruptedException;

  /** Everything that bears our label, of every experiment and owner. */
  List<Cluster> list() throws ProvisionException, InterruptedException;

  /** What would be handed to the tool, for people to read and check; secrets are left out. */
  String render(ClusterRequest request) throws ProvisionException;
}
