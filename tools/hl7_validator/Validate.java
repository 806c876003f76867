import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.*;
import org.hl7.fhir.common.hapi.validation.support.*;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;
import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.zip.*;
import org.apache.commons.compress.archivers.tar.*;

/**
 * Validates every JSON file of a folder with HL7's InstanceValidator, offline: R4 from HAPI's own jars, the guide from
 * its npm package. Arguments: package.tgz FOLDER OUT.tsv. One line a message: file, severity, id, path, text.
 */
public class Validate {
  public static void main(String[] args) throws Exception {
    FhirContext ctx = FhirContext.forR4();
    PrePopulatedValidationSupport pkg = new PrePopulatedValidationSupport(ctx);
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(new FileInputStream(args[0])))) {
      for (TarArchiveEntry e; (e = tar.getNextEntry()) != null; ) {
        String n = e.getName();
        if (!n.matches("package/(StructureDefinition|ValueSet|CodeSystem)-.*\\.json")) continue;
        IBaseResource r = ctx.newJsonParser().parseResource(new String(tar.readAllBytes(), "UTF-8"));
        if (n.contains("StructureDefinition-")) pkg.addStructureDefinition(r);
        else if (n.contains("ValueSet-")) pkg.addValueSet(r);
        else pkg.addCodeSystem(r);
      }
    }
    UnknownCodeSystemWarningValidationSupport unknown = new UnknownCodeSystemWarningValidationSupport(ctx);
    unknown.setNonExistentCodeSystemSeverity(ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity.WARNING);
    ValidationSupportChain chain = new ValidationSupportChain(
      pkg, new DefaultProfileValidationSupport(ctx), new CommonCodeSystemsTerminologyService(ctx),
      new InMemoryTerminologyServerValidationSupport(ctx), new SnapshotGeneratingValidationSupport(ctx), unknown);
    FhirInstanceValidator module = new FhirInstanceValidator(chain);
    module.setAnyExtensionsAllowed(true);
    module.setErrorForUnknownProfiles(true);
    FhirValidator validator = ctx.newValidator().registerValidatorModule(module);
    PrintStream out = new PrintStream(new FileOutputStream(args[2]), true, "UTF-8");
    File[] files = new File(args[1]).listFiles((d, n) -> n.endsWith(".json"));
    Arrays.sort(files);
    for (File f : files) {
      ValidationResult result = validator.validateWithResult(Files.readString(f.toPath()));
      for (SingleValidationMessage m : result.getMessages()) {
        out.println(f.getName() + "\t" + m.getSeverity() + "\t" + m.getMessageId() + "\t" + m.getLocationString() + "\t" + m.getMessage().replaceAll("\\s+", " "));
      }
      out.println(f.getName() + "\tDONE\t\t\t");
    }
  }
}
