import com.sun.management.OperatingSystemMXBean;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.InMemoryDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.security.KeyStore.PasswordProtection;

/**
 * CPU time of one PAdES B-B signature by EU DSS: Sign KEY.p12 PIN TIMES FILE…
 *
 * <p>A line for each file: milliseconds of the signing thread, milliseconds of the whole process
 * (with the collection of garbage and the compiler). The best of the rounds, after warming up.
 */
public class Sign {
    private static final int ROUNDS = 4;

    public static void main(String[] arguments) throws Exception {
        try (Pkcs12SignatureToken token = new Pkcs12SignatureToken(
                new File(arguments[0]), new PasswordProtection(arguments[1].toCharArray()))) {
            int times = Integer.parseInt(arguments[2]);
            for (int index = 3; index < arguments.length; index++) {
                byte[] content = Files.readAllBytes(new File(arguments[index]).toPath());
                System.out.println(measured(token, content, times));
            }
        }
    }

    private static String measured(Pkcs12SignatureToken token, byte[] content, int times) {
        OperatingSystemMXBean process =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        DSSPrivateKeyEntry key = token.getKeys().get(0);
        double thread = Double.MAX_VALUE;
        double whole = Double.MAX_VALUE;
        for (int round = 0; round <= ROUNDS; round++) {
            long ofThread = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            long ofProcess = process.getProcessCpuTime();
            for (int count = 0; count < times; count++) {
                sign(token, key, content);
            }
            if (round > 0) {
                long took = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - ofThread;
                thread = Math.min(thread, took / 1e6 / times);
                whole = Math.min(whole, (process.getProcessCpuTime() - ofProcess) / 1e6 / times);
            }
        }
        return thread + " " + whole;
    }

    private static void sign(Pkcs12SignatureToken token, DSSPrivateKeyEntry key, byte[] content) {
        PAdESService service = new PAdESService(new CommonCertificateVerifier());
        PAdESSignatureParameters parameters = new PAdESSignatureParameters();
        parameters.setSignatureLevel(SignatureLevel.PAdES_BASELINE_B);
        parameters.setDigestAlgorithm(DigestAlgorithm.SHA256);
        parameters.setSigningCertificate(key.getCertificate());
        parameters.setCertificateChain(key.getCertificateChain());
        DSSDocument document = new InMemoryDocument(content);
        SignatureValue value = token.sign(
                service.getDataToSign(document, parameters), DigestAlgorithm.SHA256, key);
        service.signDocument(document, parameters, value);
    }
}
