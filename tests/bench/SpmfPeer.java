// SPDX-License-Identifier: Apache-2.0
// java -cp SPMF SpmfPeer.java FILE ALGORITHM SHARE REPEATS: SPMF's prefixspan, cmspade or cmspam on a file of its own format.
// Prints {"seconds", "cpu_s", "found"} of the fastest repeat in one JVM, reading and mining. Patterns stay in memory
// (cmspam's go to a file that is nowhere). cpu_s is of the mining thread, without the compiler and the collector.
import ca.pfv.spmf.algorithms.sequentialpatterns.prefixspan.AlgoPrefixSpan;
import ca.pfv.spmf.algorithms.sequentialpatterns.spade_spam_AGP.AlgoCMSPADE;
import ca.pfv.spmf.algorithms.sequentialpatterns.spade_spam_AGP.candidatePatternsGeneration.CandidateGenerator_Qualitative;
import ca.pfv.spmf.algorithms.sequentialpatterns.spade_spam_AGP.dataStructures.creators.AbstractionCreator;
import ca.pfv.spmf.algorithms.sequentialpatterns.spade_spam_AGP.dataStructures.creators.AbstractionCreator_Qualitative;
import ca.pfv.spmf.algorithms.sequentialpatterns.spade_spam_AGP.dataStructures.database.SequenceDatabase;
import ca.pfv.spmf.algorithms.sequentialpatterns.spade_spam_AGP.idLists.creators.IdListCreator_FatBitmap;
import ca.pfv.spmf.algorithms.sequentialpatterns.spam.AlgoCMSPAM;
import java.lang.management.ManagementFactory;

public class SpmfPeer {
  private static long cmspade(String file, double share) throws Exception {
    AbstractionCreator creator = AbstractionCreator_Qualitative.getInstance();
    SequenceDatabase database = new SequenceDatabase(creator, IdListCreator_FatBitmap.getInstance());
    database.loadFile(file, share);
    AlgoCMSPADE algorithm = new AlgoCMSPADE(share, true, creator);
    algorithm.runAlgorithm(database, CandidateGenerator_Qualitative.getInstance(), true, false, null, false);
    return algorithm.getNumberOfFrequentPatterns();
  }

  private static long cmspam(String file, double share) throws Exception {
    AlgoCMSPAM algorithm = new AlgoCMSPAM();
    algorithm.runAlgorithm(file, "/dev/null", share, false);
    return algorithm.patternCount;
  }

  private static long mine(String algorithm, String file, double share) throws Exception {
    switch (algorithm) {
      case "cmspade": return cmspade(file, share);
      case "cmspam": return cmspam(file, share);
      default: return new AlgoPrefixSpan().runAlgorithm(file, share, null).sequenceCount;
    }
  }

  public static void main(String[] arguments) throws Exception {
    double share = Double.parseDouble(arguments[2]), best = Double.MAX_VALUE, cpu = 0;
    long patterns = 0;
    for (int repeat = Integer.parseInt(arguments[3]); repeat > 0; --repeat) {
      long start = System.nanoTime(), cpuStart = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      patterns = mine(arguments[1], arguments[0], share);
      double seconds = 1e-9 * (System.nanoTime() - start);
      if (seconds >= best) continue;
      best = seconds;
      cpu = 1e-9 * (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuStart);
    }
    System.out.printf("{\"seconds\": %.5f, \"cpu_s\": %.5f, \"found\": %d}%n", best, cpu, patterns);
  }
}
