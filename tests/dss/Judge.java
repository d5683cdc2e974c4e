import com.fasterxml.jackson.databind.ObjectMapper;
import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.xades.validation.XMLDocumentValidator;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says as one line of JSON for each file what EU DSS finds in it: Judge TRUST_DIRECTORY FILE… */
public class Judge {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        for (File anchor : new File(arguments[0]).listFiles((directory, name) -> name.endsWith(".pem"))) {
            trusted.addCertificate(DSSUtils.loadCertificate(anchor));
        }
        for (int index = 1; index < arguments.length; index++) {
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("file", arguments[index]);
            try {
                said.putAll(judged(arguments[index], trusted));
            } catch (Exception failure) {
                said.put("failure", failure.toString());
            }
            System.out.println(JSON.writeValueAsString(said));
        }
    }

    private static Map<String, Object> judged(String file, CommonTrustedCertificateSource trusted) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        // The jar announces the validator of PDF only.
        SignedDocumentValidator validator = file.endsWith(".xml")
                ? new XMLDocumentValidator(new FileDocument(file))
                : SignedDocumentValidator.fromDocument(new FileDocument(file));
        validator.setCertificateVerifier(verifier);
        DiagnosticData found = new DiagnosticData(validator.getDiagnosticData());
        List<Object> signatures = new ArrayList<>();
        for (SignatureWrapper one : found.getSignatures()) {
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("field", one.getSignatureFieldNames().stream().findFirst().orElse(""));
            said.put("level", one.getSignatureFormat().toString());
            said.put("intact", one.isSignatureIntact());
            said.put("valid", one.isSignatureValid());
            said.put("trusted", one.isTrustedChain());
            said.put("byte_range", one.isSignatureByteRangeValid());
            said.put("digest", one.getDigestAlgorithm().getName());
            said.put("encryption", one.getEncryptionAlgorithm().name());
            said.put("structure", one.isStructuralValidationValid());
            List<String> changes = new ArrayList<>();
            one.getPdfUndefinedChanges().forEach(change -> changes.add(change.getValue()));
            said.put("changes", changes);
            signatures.add(said);
        }
        List<Object> stamps = new ArrayList<>();
        for (TimestampWrapper one : found.getTimestampList()) {
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("kind", one.getType().name());
            said.put("intact", one.isSignatureIntact() && one.isSignatureValid());
            said.put("imprint", one.isMessageImprintDataFound() && one.isMessageImprintDataIntact());
            said.put("trusted", one.isTrustedChain());
            stamps.add(said);
        }
        return Map.of("signatures", signatures, "stamps", stamps);
    }
}
