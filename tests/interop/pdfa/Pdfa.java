import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Is the file a PDF/A-2b? Each rule that it breaks on a line; ends with 1 then. */
class Pdfa {
    public static void main(String[] args) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        ValidationResult result;
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(args[0]), PDFAFlavour.PDFA_2_B)) {
            result = Foundries.defaultInstance().createValidator(PDFAFlavour.PDFA_2_B, false).validate(parser);
        }
        for (TestAssertion x : result.getTestAssertions()) {
            if (x.getStatus() == TestAssertion.Status.FAILED) {
                System.out.println(x.getRuleId().getClause() + ": " + x.getMessage());
            }
        }
        System.exit(result.isCompliant() ? 0 : 1);
    }
}
