package dev.cleave.gateway.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which index CUDA has for a device, as far as that can be known without asking CUDA. Pure.
 *
 * <p>CUDA counts the devices that {@code CUDA_VISIBLE_DEVICES} lists, in the order of that list; without it all, by default the fastest
 * first, or in the driver's order if {@code CUDA_DEVICE_ORDER} is {@code PCI_BUS_ID}. Of MIG instances it shows a process one, which
 * that list names.
 *
 * <p>Source: CUDA C++ Programming Guide, "CUDA Environment Variables"; NVIDIA Multi-Instance GPU User Guide, "CUDA Device Enumeration".
 */
public final class VisibleDevices {
    private static final String LIST = "CUDA_VISIBLE_DEVICES";
    private static final String ORDER = "CUDA_DEVICE_ORDER";

    private final List<String> listed;
    private final boolean driversOrder;
    private final Supplier<List<Gpu>> gpus;

    /**
     * @param environment of the process
     * @param gpus asked only if an id makes it necessary
     */
    public VisibleDevices(Map<String, String> environment, Supplier<List<Gpu>> gpus) {
        this.listed = environment.containsKey(LIST)
                ? Arrays.stream(environment.get(LIST).split(","))
                        .map(String::trim)
                        .toList()
                : null;
        this.driversOrder = "PCI_BUS_ID".equals(environment.get(ORDER));
        this.gpus = gpus;
    }

    /**
     * The devices of names as {@code devices} of the configuration has them.
     *
     * @throws IllegalArgumentException naming one whose index is not known, and what would tell
     */
    public List<Accelerator> of(List<String> names) {
        List<Accelerator> devices = new ArrayList<>();
        for (String name : names) {
            Accelerator device = new Accelerator(name, index(name));
            for (Accelerator other : devices) {
                if (other.index() == device.index()) {
                    throw new IllegalArgumentException("devices " + other.name() + " and " + name
                            + " are both the one with index " + device.index() + "; expected each device once");
                }
            }
            devices.add(device);
        }
        return devices;
    }

    /**
     * What a device is; null where that is not certain, as cards differ, CUDA may count them in another order, or a card is divided and
     * nothing says which of its instances CUDA shows.
     */
    public GpuKind kind(Accelerator device) {
        String id = listed != null && device.index() < listed.size() ? listed.get(device.index()) : "";
        boolean isInstance = id.startsWith("MIG-");
        Gpu card = card(device, id, isInstance);
        if (card == null || !card.isDivided() && !isInstance) {
            return card == null ? null : kind(card);
        }
        String instance = isInstance
                ? id
                : card.instances().size() == 1 ? card.instances().get(0) : "";
        return instance.isEmpty()
                ? null
                : new GpuKind(card.name() + " " + instance, card.computeCapability(), card.driver());
    }

    /** The card that a device is, or is an instance of; null where that is not certain. */
    private Gpu card(Accelerator device, String id, boolean isInstance) {
        List<Gpu> known = gpus.get();
        boolean divided = known.stream().anyMatch(Gpu::isDivided);
        boolean equal = known.stream().map(VisibleDevices::kind).distinct().count() == 1;
        if (equal && (isInstance || !divided || known.size() == 1)) {
            return known.get(0);
        }
        if (id.startsWith("GPU-")) {
            return known.stream()
                    .filter(one -> one.uuid().startsWith(id))
                    .findFirst()
                    .orElse(null);
        }
        return listed != null || !driversOrder || divided
                ? null
                : known.stream()
                        .filter(one -> one.index() == device.index())
                        .findFirst()
                        .orElse(null);
    }

    private static GpuKind kind(Gpu gpu) {
        return new GpuKind(gpu.name(), gpu.computeCapability(), gpu.driver());
    }

    private int index(String name) {
        if (Character.isDigit(name.charAt(0))) {
            return Integer.parseInt(name);
        }
        if (listed != null) {
            return listedIndex(name);
        }
        if (name.startsWith("MIG-")) {
            throw new IllegalArgumentException("device " + name + " is a MIG instance, which " + LIST
                    + " does not name; expected it in the environment that the gateway is started with");
        }
        return driversIndex(name);
    }

    /** As CUDA has it, an id may be cut short as long as it says which is meant. */
    private int listedIndex(String name) {
        for (int i = 0; i < listed.size(); i++) {
            String id = listed.get(i);
            if (id.length() > "GPU-".length() && name.startsWith(id)) {
                return i;
            }
        }
        throw new IllegalArgumentException("device " + name + " is not in " + LIST + ", which is \""
                + String.join(",", listed) + "\"; expected an id from it, or an index into it");
    }

    private int driversIndex(String name) {
        List<Gpu> known = gpus.get();
        for (Gpu gpu : known) {
            if (gpu.uuid().startsWith(name)) {
                if (known.size() > 1 && !driversOrder) {
                    throw new IllegalArgumentException("device " + name + " has index " + gpu.index()
                            + " at the driver, perhaps another one at CUDA; expected " + ORDER
                            + "=PCI_BUS_ID, or the id in "
                            + LIST);
                }
                return gpu.index();
            }
        }
        throw new IllegalArgumentException(
                "device " + name + " is none of the " + known.size() + " GPUs that nvidia-smi lists; expected one of "
                        + known.stream().map(Gpu::uuid).toList());
    }
}
